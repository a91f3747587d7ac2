import { isIpv6 } from '@pxeboot/config/kit/ip';
import { showValue } from '@pxeboot/config/kit/text';

import { RequestError } from './request-errors.ts';

/** `host` or `host:port`: a name, which people also give to a container with underscores in it, or IPv6 in brackets (RFC 3986, 3.2.2).
 * Left out are the final dot of a full name and the zone of a link-local address (RFC 6874), which is the client's own word. */
const hostPattern =
  /^(?:(?<name>[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?)\.?|\[(?<ipv6>[0-9A-Fa-f:.]+)(?:%(?:25)?[A-Za-z0-9._~-]{1,64})?\])(?::(?<port>\d{0,5}))?$/;

/** What is read of a request. */
export interface AskedHost {
  url?: string | undefined;
  headers: { host?: string | undefined };
}

/** Whom a request asks: the host of its target, else that of its Host header (RFC 9112, 3.2.2), checked so strictly that it can stand in
 * any URL, iPXE line or YAML value.
 * @throws RequestError 400 */
export function parseRequestHost({ url, headers }: AskedHost): string {
  const inTarget = /^https?:\/\/([^/?#]*)/i.exec(url ?? '')?.[1];
  const given = inTarget ?? headers.host;
  const host = hostIn(given ?? '');
  if (host !== undefined) return host;
  const value = given === undefined ? 'is missing' : `${showValue(given)} is not host or host:port`;
  const where = inTarget === undefined ? 'the Host header: it' : 'the host in the request target:';
  throw new RequestError(400, `read ${where} ${value}; ask for http://<address of the provisioner>/…`);
}

function hostIn(text: string): string | undefined {
  const { name, ipv6, port = '' } = hostPattern.exec(text)?.groups ?? {};
  const host = ipv6 !== undefined && isIpv6(ipv6) ? `[${ipv6}]` : name;
  if (host === undefined || Number(port) > 65535) return undefined;
  return port === '' ? host : `${host}:${port}`;
}
