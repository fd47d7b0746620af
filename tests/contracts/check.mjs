// Reads {"schemas": [...], "documents": [{"schema": $id, "document": {...}}]} and prints, for each document, whether it is valid.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const { schemas, documents } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
addFormats(ajv);
ajv.addKeyword("x-rules"); // an annotation: comparing fields is the reader's business
schemas.forEach((schema) => ajv.addSchema(schema));
console.log(JSON.stringify(documents.map(({ schema, document }) => ajv.validate(schema, document))));
