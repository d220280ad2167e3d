// Checks values (a JSON array from standard input, each laid over values.yaml) against values.schema.json, as helm does before it renders.
// Writes what is wrong with each as JSON: an array of arrays.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import { parse } from "yaml";

const chart = process.argv[2];
const validate = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")));

function merge(into, from) {
  for (const [key, value] of Object.entries(from)) {
    const both = [into[key], value].every(one => one && typeof one === "object" && !Array.isArray(one));
    into[key] = both ? merge(into[key], value) : value;
  }
  return into;
}

const defaults = parse(readFileSync(join(chart, "values.yaml"), "utf8"));
const found = JSON.parse(readFileSync(0, "utf8")).map(given => {
  const values = merge(structuredClone(defaults), given);
  return validate(values) ? [] : validate.errors.map(error => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
});
process.stdout.write(JSON.stringify(found));
