import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countNews, hasEmulatorFault, lastLine, linesAbout, standstill } from '../../src/decide/signs-of-life.ts';

const firmware = 'BdsDxe: loading Boot0002 "UEFI PXEv4"\nBdsDxe: starting Boot0002 "UEFI PXEv4"\n';
const shell = 'init: shell on the console; "reboot -f" starts the machine again\n~ # ';

test('a screen that shows the same again and again is no news, whatever it counts', () => {
  const screen = 'net0: 52:54:00:6c:61:0a TX:5 RX:9\npxeboot_stack: no answer to DHCP. Trying again in 10 s\n';
  const log = '2026-01-02T03:04:05Z info nginx GET "/ipxe/why?mac=52:54:00:6c:61:0a" status=200 ms=3\n';
  const news = countNews(screen, log);

  assert.equal(countNews(screen + screen.replace('TX:5 RX:9', 'TX:15 RX:27'), log + log.replace('05Z', '15Z')), news);
  assert.equal(countNews(`${screen}iPXE loads the kernel\n`, log), news + 1);
});

test("an installer's progress is news, though only numbers in it change", () => {
  const status = '2026-01-02T03:04:05Z info boot_handler status vm=web1 seq=9 step=unpack state=progress bytes=1000\n';

  assert.equal(
    countNews('', status + status.replace('seq=9', 'seq=10').replace('1000', '2000')),
    countNews('', status) + 1,
  );
});

test('a VM in the shell of an installer that has failed stands still, with the reason', () => {
  const failed = `${firmware}\nINSTALLATION FAILED: choose a disk: this machine has no disk\n\nLog and plan are in …\ninit: os-installer failed with status 2: the reason is above\n`;

  assert.equal(standstill(failed), undefined);
  assert.equal(
    standstill(failed + shell),
    "it is in the installer's shell: INSTALLATION FAILED: choose a disk: this machine has no disk",
  );
});

test('so does one in a shell that was asked for or came before the installer, with the last line', () => {
  const stays = 'init: installed; staying here as asked, nothing is restarted';

  assert.equal(standstill(`${firmware}init: unpacked\n${stays}\n${shell}`), `it is in the installer's shell: ${stays}`);
});

test('so does one whose kernel has panicked, until it is started again', () => {
  const panic = 'Kernel panic - not syncing: Fatal exception in interrupt';
  const console = `${firmware}[    5.8] ${panic}\n[    5.9] ---[ end ${panic} ]---\n`;

  assert.equal(standstill(console), panic);
  assert.equal(standstill(console + firmware), undefined);
});

test('one whose kernel the emulator has broken is started again by its runner', () => {
  const panic = 'Kernel panic - not syncing: Fatal exception in interrupt';
  const oops = '[    2.9] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\n';
  const own = '[    2.9] BUG: kernel NULL pointer dereference\n[    2.9] Oops: 0000 [#1] PREEMPT SMP\n';

  assert.equal(standstill(`${firmware}${oops}[    5.8] ${panic}\n`), undefined);
  assert.equal(standstill(`${firmware}${own}[    5.8] ${panic}\n`), panic);
  assert.deepEqual([oops, `${oops}${panic}`, `${own}${panic}`].map(hasEmulatorFault), [false, true, false]);
});

test('a VM that was started again from that shell goes on', () => {
  assert.equal(
    standstill(`${firmware}INSTALLATION FAILED: no lease\n${shell}reboot -f\n${firmware}Linux version 6\n`),
    undefined,
  );
  assert.equal(standstill(''), undefined);
});

test('the last line is one with anything in it', () => {
  assert.equal(lastLine('one\ntwo  \n\n'), 'two');
  assert.equal(lastLine(''), '');
});

test('of a line on which a menu was drawn again and again only the end is told', () => {
  const drawn = `GNU GRUB${' '.repeat(900)}*Debian   GNU/Linux`;

  assert.equal(lastLine(`one\n${drawn}`), 'GNU GRUB *Debian GNU/Linux');
  assert.equal(lastLine(`${'menu '.repeat(200)}*Debian`), `…${'menu '.repeat(19).slice(-93)}*Debian`);
});

test('only the lines of the log that name a VM are about it', () => {
  const own = [
    'dnsmasq-dhcp[30]: DHCPACK(pxe0) 192.168.105.20 52:54:00:aa:bb:01 web1',
    '2026-01-02T03:04:05Z info nginx GET "/images/x" client=192.168.105.20 status=200 bytes=1 seconds=0.1',
    '2026-01-02T03:04:05Z info boot_handler status mac=52:54:00:aa:bb:01 vm=web1 seq=9 step=unpack state=progress',
  ];
  const others = [
    'dnsmasq-dhcp[30]: DHCPACK(pxe0) 192.168.105.200 52:54:00:aa:bb:02 web10',
    '2026-01-02T03:04:05Z info boot_handler status mac=52:54:00:aa:bb:02 vm=web10 seq=9 step=unpack state=progress',
  ];
  const vm = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };

  assert.equal(linesAbout(vm, [...own, ...others].join('\n')), own.join('\n'));
});
