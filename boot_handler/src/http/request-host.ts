import { isIpv6 } from '@pxeboot/config/kit/ip';
import { showValue } from '@pxeboot/config/kit/text';

import { RequestError } from './request-errors.ts';

/** `host` or `host:port`; names as RFC 1123 has them, IPv6 in brackets (RFC 3986, 3.2.2). */
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?$/;

/** The Host header, checked so strictly that it can stand in any URL, iPXE line or YAML value.
 * @throws RequestError 400 */
export function parseRequestHost(header: string | undefined): string {
  const match = hostPattern.exec(header ?? '');
  const [, ipv6, port] = match ?? [];
  if (match === null || Number(port ?? 80) > 65535 || (ipv6 !== undefined && !isIpv6(ipv6))) {
    const value = header === undefined ? 'is missing' : `${showValue(header)} is not host or host:port`;
    throw new RequestError(400, `read the Host header: it ${value}; ask for http://<address of the provisioner>/…`);
  }
  return match[0];
}
