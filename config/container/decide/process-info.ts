import type { ServiceState } from './restart-budget.ts';

/** The XML-RPC request (xmlrpc.com/spec.md) for the states of all services. */
export const processInfoRequest =
  '<?xml version="1.0"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>';

/** Reads supervisord's answer: an array of flat structs.
 * @throws Error it is not one */
export function parseProcessInfo(xml: string): ServiceState[] {
  if (!xml.includes('<methodResponse>') || xml.includes('<fault>')) {
    throw new Error(`read supervisord's answer: ${JSON.stringify(xml.slice(0, 200))} lists no services`);
  }
  return [...xml.matchAll(/<struct>(.*?)<\/struct>/gs)].map((match) => readStruct(match[1] ?? ''));
}

function readStruct(struct: string): ServiceState {
  const member = /<name>(\w+)<\/name>\s*<value>(?:<(\w+)>(.*?)<\/\2>|<\w+\s*\/>)<\/value>/gs;
  const fields = new Map([...struct.matchAll(member)].map((match) => [match[1], unescapeXml(match[3] ?? '')]));
  return {
    name: fields.get('name') ?? '',
    state: fields.get('statename') ?? '',
    pid: Number(fields.get('pid') ?? 0),
    reason: fields.get('spawnerr') ?? '',
  };
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
