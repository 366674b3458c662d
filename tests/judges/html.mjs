// What html-validate finds wrong with pages: {name: html} in, [name, rule, line, message] for each fault out.
import { readFileSync } from "node:fs";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

const validate = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ["html-validate:standard"],
    rules: {
      // "<!doctype html>" is what the standard itself writes.
      "doctype-style": ["error", { style: "lowercase" }],
      // Templates leave blank ends of lines, which mean nothing.
      "no-trailing-whitespace": "off",
      // Our search form says its role for readers that know no <search>.
      "prefer-native-element": "off",
    },
  }),
);
const faults = [];
for (const [name, page] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const report = await validate.validateString(page, `${name}.html`);
  for (const { messages } of report.results)
    for (const one of messages) faults.push([name, one.ruleId, one.line, one.message]);
}
console.log(JSON.stringify(faults));
