/** Something by which a machine is told from others, or that it has of one network. Two machines that are installed from one image must not
 * share it. */
export interface Identity {
  /** Paths in the system; a star stands for any characters of a name. */
  pattern: string;
  /** Who uses it, and what two of the same would do. */
  why: string;
  /** Written in its place. */
  instead?: string;
  /** Only in systems with this file: it makes the new one. */
  onlyWith?: string;
}

/** What makes a machine one of a kind, but its machine-id, which is always written. What its owner put there for all of his machines stays: keys for logging in, certificates of
 * authorities, passwords, Wi-Fi networks.
 * @see systemd, docs/BUILDING_IMAGES.md; virt-sysprep(1), "OPERATIONS"; cloud-init, `cloud-init clean` */
export const identities: Identity[] = [
  { pattern: 'var/lib/dbus/machine-id', why: 'a copy of it' },
  { pattern: 'etc/ssh/ssh_host_*', why: 'sshd: whoever has one machine could pose as all; cloud-init makes others' },
  { pattern: 'var/lib/systemd/random-seed', why: 'systemd-random-seed(8): the same random numbers at the first boot' },
  { pattern: 'boot/loader/random-seed', why: 'systemd-boot: the same' },
  { pattern: 'var/lib/urandom/random-seed', why: 'initscripts of sysvinit: the same' },
  {
    pattern: 'var/lib/systemd/credential.secret',
    why: 'systemd-creds(1): opens the credentials of every other machine',
  },
  { pattern: 'var/lib/systemd/tpm2-srk-public-key.*', why: "systemd-tpm2-setup(8): another machine's TPM" },
  { pattern: 'var/lib/systemd/pcrlock.*', why: "systemd-pcrlock(8): another machine's measurements" },
  { pattern: 'var/lib/systemd/network/*', why: 'systemd-networkd: leases, and what it knows of interfaces' },
  { pattern: 'etc/machine-info', why: 'hostnamectl(1): the shown name and the kind of another machine' },
  { pattern: 'etc/hostid', why: 'gethostid(3): ZFS takes a pool of the other machine for its own' },
  { pattern: 'etc/udev/rules.d/*-persistent-net*.rules', why: "udev: names for another machine's network cards" },
  { pattern: 'etc/udev/rules.d/*-persistent-cd.rules', why: 'udev: the same for its drives' },
  { pattern: 'var/lib/dhcp/*', why: 'ISC dhclient: leases, and the DUID by which servers know a client' },
  { pattern: 'var/lib/dhclient/*', why: 'ISC dhclient of the Fedora family: the same' },
  { pattern: 'var/lib/dhcpcd/*', why: 'dhcpcd: the same' },
  { pattern: 'etc/dhcpcd.duid', why: 'dhcpcd of older releases: its DUID' },
  { pattern: 'var/lib/NetworkManager/secret_key', why: 'NetworkManager: stable addresses are made from it' },
  { pattern: 'var/lib/NetworkManager/*.lease', why: 'NetworkManager: leases' },
  { pattern: 'var/lib/NetworkManager/timestamps', why: 'NetworkManager: connections of another machine' },
  { pattern: 'var/lib/NetworkManager/seen-bssids', why: 'NetworkManager: networks near another machine' },
  {
    pattern: 'etc/iscsi/initiatorname.iscsi',
    why: 'open-iscsi: two initiators of one name cut each other off; its start script makes another',
    instead: 'GenerateName=yes\n',
    onlyWith: 'lib/open-iscsi/startup-checks.sh',
  },
  {
    pattern: 'etc/iscsi/initiatorname.iscsi',
    why: 'open-iscsi of the Fedora family: iscsi-init.service makes another where there is none',
    onlyWith: 'lib/systemd/system/iscsi-init.service',
  },
  { pattern: 'etc/nvme/hostid', why: 'nvme-cli: two hosts of one name share a controller' },
  { pattern: 'etc/nvme/hostnqn', why: 'nvme-cli: the same' },
  { pattern: 'etc/multipath/wwids', why: "multipathd: another machine's disks" },
  { pattern: 'etc/multipath/bindings', why: 'multipathd: names for them' },
  { pattern: 'etc/lvm/devices/system.devices', why: 'lvmdevices(8): LVM would see no disk but those listed' },
  { pattern: 'etc/blkid.tab', why: "blkid(8): another machine's disks" },
  {
    pattern: 'etc/ssl/private/ssl-cert-snakeoil.key',
    why: 'ssl-cert: a private key that all machines would share; its service makes another where there is none',
    onlyWith: 'lib/systemd/system/ssl-cert.service',
  },
  { pattern: 'etc/cockpit/ws-certs.d/0-self-signed*', why: 'cockpit: the same; made again at its start' },
  { pattern: 'etc/docker/key.json', why: 'Docker: the name of an engine' },
  { pattern: 'var/lib/docker/engine-id', why: 'Docker: the same, of later releases' },
  { pattern: 'etc/salt/pki/minion/minion.pem', why: 'Salt: a minion is known by its key' },
  { pattern: 'etc/salt/minion_id', why: 'Salt: and by its name' },
  { pattern: 'etc/pki/consumer/*', why: 'subscription-manager: one registration for two machines' },
  { pattern: 'etc/pki/entitlement/*', why: 'subscription-manager: the same' },
  { pattern: 'etc/sysconfig/rhn/systemid', why: 'RHN: the same' },
  { pattern: 'etc/insights-client/machine-id', why: 'Red Hat Insights: the same' },
  { pattern: 'var/lib/ubuntu-advantage/private/machine-token.json', why: 'Ubuntu Pro: the same' },
  { pattern: 'var/lib/tailscale/tailscaled.state', why: 'Tailscale: two nodes with one key' },
  { pattern: 'var/lib/zerotier-one/identity.*', why: 'ZeroTier: the same' },
];
