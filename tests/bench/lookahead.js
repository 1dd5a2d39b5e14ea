// Splits classic lines as the first version of this function did: at every space that an even
// number of quotes follows, told by looking ahead to the line's end. Prints its best round.
const { readFileSync } = require('fs');

const KEYS = ['EventReceivedTime', 'LoadBalancerName', 'PublicIpAndPort', 'InternalIpAndPort',
  'TimeToForwardRequest', 'TimeTaken', 'TimeToForwardResponse', 'Status', 'BackendStatus',
  'BytesUploadedFromClient', 'BytesDownloadedByClient', 'FullRequest', 'UserAgent', 'SslCipher',
  'SslProtocol'];
const SECONDS = ['TimeToForwardRequest', 'TimeTaken', 'TimeToForwardResponse'];
const COUNTS = ['BytesUploadedFromClient', 'BytesDownloadedByClient'];
const STATIC = { Component: 'load-balancer', SourceModuleName: 'ELB', Environment: 'dev',
  Application: 'shop', Type: 'logs' };

function event(line) {
  const fields = line.split(/ (?=(?:[^"]*"[^"]*")*[^"]*$)/);
  const made = {};
  KEYS.forEach((key, place) => { made[key] = fields[place].replace(/^"|"$/g, ''); });
  SECONDS.forEach((key) => { made[key] = parseFloat(made[key]) * 1000; });
  COUNTS.forEach((key) => { made[key] = parseInt(made[key], 10); });
  return JSON.stringify(Object.assign(made, STATIC));
}

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter((line) => line);
let best = Infinity;
let characters = 0;
for (let round = 0; round < 5; round += 1) {
  const start = process.cpuUsage();
  for (const line of lines) characters += event(line).length + 1;
  const spent = process.cpuUsage(start);
  best = Math.min(best, (spent.user + spent.system) / 1e6);
}
console.log(JSON.stringify({ linesPerSecond: lines.length / best, characters }));
