// Checks rendered manifests. Each line of standard input is a JSON string (YAML, many documents); each is answered by a line of JSON, the documents
// and what is wrong with them: against the schemas of Kubernetes and its operators (values, formats, what is required), and against their types,
// which know each field by name, so that a misspelt one is found. Kinds that none of the packages knows are listed as unknown; the tests say which
// of those may be. It stays for as long as its input does, since what it learns of the types serves the next text too.
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const packages = ["kubernetes-models", "@kubernetes-models/keda", "@kubernetes-models/prometheus-operator"];
const absent = new Set(["ERR_MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_UNSUPPORTED_DIR_IMPORT"]);

const options = {
  noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
};
const file = join(dirname(fileURLToPath(import.meta.url)), "rendered.ts");
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
const known = new Map();
let source = "", program;
host.fileExists = name => name === file || fileExists(name);
host.readFile = name => name === file ? source : readFile(name);
host.getSourceFile = (name, ...rest) => {
  if (name === file) return ts.createSourceFile(name, source, rest[0], true);
  if (!known.has(name)) known.set(name, getSourceFile(name, ...rest));
  return known.get(name);
};

// The packages keep a model for each kind under its apiVersion.
async function findModel({ apiVersion, kind }) {
  for (const name of packages) {
    try {
      const module = await import(`${name}/${apiVersion}`);
      const model = module[kind] ?? module.default?.[kind];
      if (model) return { model, from: `${name}/${apiVersion}` };
    } catch (fault) {
      if (!absent.has(fault.code)) throw fault;
    }
  }
  return null;
}

// Kustomize folds long values of a secret over lines, which is no fault in base64.
function unfold(value) {
  for (const key of Object.keys(value.kind === "Secret" ? value.data ?? {} : {})) value.data[key] = value.data[key].replace(/\s+/g, "");
  return value;
}

// One literal a line: an unknown field of a literal is an error of the type checker, and the line tells whose.
function checkTypes(typed) {
  source = typed.map(({ value, from }, i) =>
    `const d${i}: import("${from}").I${value.kind} = ${JSON.stringify(value)}; export { d${i} };`).join("\n");
  program = ts.createProgram([file], options, host, program);
  return [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
    ...program.getSemanticDiagnostics(program.getSourceFile(file))].map(fault => {
    const at = fault.file ? typed[fault.file.getLineAndCharacterOfPosition(fault.start).line]?.value : null;
    return `${at ? `${at.kind} ${at.metadata?.name}` : "types"}: ${ts.flattenDiagnosticMessageText(fault.messageText, " ")}`;
  });
}

async function check(text) {
  const documents = [], findings = [], unknown = [], typed = [];
  for (const document of parseAllDocuments(text, { uniqueKeys: true })) {
    for (const error of [...document.errors, ...document.warnings]) findings.push(`YAML: ${error.message}`);
    const value = document.toJS();
    if (value === null || value === undefined) continue;
    documents.push(unfold(value));
    const found = await findModel(value);
    if (!found) {
      unknown.push(`${value.apiVersion}/${value.kind}`);
      continue;
    }
    typed.push({ value, from: found.from });
    try {
      new found.model(value).validate();
    } catch (fault) {
      findings.push(`${value.kind} ${value.metadata?.name}: ${fault.message}`);
    }
  }
  return { documents, findings: [...findings, ...checkTypes(typed)], unknown };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await check(JSON.parse(line)))}\n`);
}
