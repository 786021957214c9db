// Shows the API's schema with Swagger UI, which the page loads beside this module.
// Looks for [data-api-docs="<address of the schema>"]. Trying a request out uses the login of this browser.

import { csrfToken } from "./csrf.js";

const element = document.querySelector("[data-api-docs]");

window.SwaggerUIBundle({
  url: element.dataset.apiDocs,
  domNode: element,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    if (!["GET", undefined].includes(request.method)) request.headers["X-CSRFToken"] = csrfToken();
    return request;
  },
});
