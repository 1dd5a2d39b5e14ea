// Evaluates requests: a JSON list on stdin, its answers in the same order on stdout.
// The first argument is the folder that @cloud-copilot/iam-simulate is installed in.
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const { runSimulation } = createRequire(`${process.argv[2]}/`)('@cloud-copilot/iam-simulate')

const sids = (statements) =>
  (statements ?? []).map((each) => `${each.policyId ?? 'resource'}: ${each.explain.identifier}`)

// Where a resource has a wildcard there is one result for each pattern that it may stand for.
const analyses = (answer) => (answer.resultType === 'single' ? [answer.result] : answer.results)

const said = (answer) => {
  if (answer.resultType === 'error') return { error: JSON.stringify(answer.errors) }
  const found = analyses(answer).flatMap(({ analysis }) => [
    analysis.identityAnalysis,
    analysis.resourceAnalysis,
    analysis.endpointAnalysis,
    analysis.permissionBoundaryAnalysis
  ])
  return {
    result: answer.overallResult,
    allowing: found.flatMap((each) => sids(each?.allowStatements)),
    denying: found.flatMap((each) => sids(each?.denyStatements)),
    blocked: analyses(answer).flatMap(({ analysis }) => analysis.blockedBy ?? []),
    ignored: analyses(answer).flatMap((each) => each.ignoredContextKeys ?? [])
  }
}

const answers = []
for (const simulation of JSON.parse(await text(process.stdin))) {
  answers.push(said(await runSimulation(simulation, {})))
}
process.stdout.write(JSON.stringify(answers))
