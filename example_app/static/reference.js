const reference = document.querySelector("#reference");

SwaggerUIBundle({
  domNode: reference,
  url: reference.dataset.document,
  deepLinking: true,
  validatorUrl: null, // else the address of the document is sent to swagger.io
});
