-- wrk … -- FILE START: sends the requests of a file in turn, from the START-th on.
-- The file has them as they go over the wire, each with a NUL behind.
local requests, at = {}, 0

function init(args)
  local file = io.open(args[1], "rb")
  for request in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = request
  end
  file:close()
  at = tonumber(args[2])
end

function request()
  at = at % #requests + 1
  return requests[at]
end
