// Check documents with csaf-validator-lib, as often as asked: node peer.js FOLDER DOCUMENTS
//
// FOLDER holds node_modules, DOCUMENTS one document a line. For each line on standard input it checks all of them once
// and answers with a line: how long that took, in seconds, and how many documents were not valid.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [folder, file] = process.argv.slice(2)
const library = `${pathToFileURL(folder)}/node_modules/@secvisogram/csaf-validator-lib`
const { default: validate } = await import(`${library}/validate.js`)
const { csaf_2_0: schema } = await import(`${library}/schemaTests.js`)
// Its authors leave out test 6.1.8 where the schema is checked, which includes it.
const { mandatoryTest_6_1_8: included, ...mandatory } = await import(`${library}/mandatoryTests.js`)
const tests = [schema, ...Object.values(mandatory)]
const documents = readFileSync(file, 'utf8').trimEnd().split('\n')

for await (const _ of createInterface({ input: process.stdin })) {
  let invalid = 0
  const began = performance.now()
  for (const text of documents) {
    const { isValid } = await validate(tests, JSON.parse(text))
    if (!isValid) invalid += 1
  }
  console.log(`${(performance.now() - began) / 1000} ${invalid}`)
}
