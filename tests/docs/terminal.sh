# Run the shell scripts that are named on standard input, in this one shell.
trap 'echo "$BASH_SOURCE:$LINENO: exit code $?" >&2' ERR
while IFS= read -r tapauth_file; do
    source "$tapauth_file" </dev/null >&2
    echo done
done
kill $(jobs -p) 2>/dev/null || true
wait
