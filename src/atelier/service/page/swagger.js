// Swagger UI, which BentoML brings along, with the document of this service.
SwaggerUIBundle({ url: "docs.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
