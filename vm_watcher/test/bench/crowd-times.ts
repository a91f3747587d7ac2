/** Time and memory for very many definitions, one in five of them hostile: crowd-times.ts [COUNT…]
 * Checks what vm_watcher/test/integration/definitions-crowd.test.ts checks. Needs root, as the integration tests do. */
import { serveCrowd } from '../support/serve-crowd.ts';

const given = process.argv.slice(2).map(Number);
for (const count of given.length > 0 ? given : [20_000, 100_000]) {
  const figures = await serveCrowd(count);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  console.log(
    `${count} definitions, ${figures.inForce} in force: ` +
      `written after ${seconds(figures.writtenMs)}, dnsmasq answers after ${seconds(figures.answeredMs)}; ` +
      `one more edit: written after ${seconds(figures.editWrittenMs)}, dnsmasq ${seconds(figures.editAnsweredMs)}, ` +
      `/ipxe ${seconds(figures.editIpxeMs)}; vm_watcher ${figures.watcherMiB} MiB, boot_handler ${figures.handlerMiB} MiB`,
  );
}
