/** Every path inside the container, in one place. */
export const paths = {
  vms: '/mnt/host/vms',
  images: '/www/images',
  www: '/www',
  initrds: '/www/initrds',
  boot: '/www/boot',
  tftp: '/srv/tftp',
  programs: '/opt/pxeboot',
  handlerTemplates: '/opt/pxeboot/templates/boot_handler',
  configTemplates: '/opt/pxeboot/templates/config',
  supervisordConf: '/etc/supervisor/supervisord.conf',
  run: '/run/pxeboot',
  dnsmasqConf: '/run/pxeboot/dnsmasq.conf',
  /** The DNS servers for names outside the lab, which dnsmasq follows. */
  resolvers: '/run/pxeboot/resolv.conf',
  nginxConf: '/run/pxeboot/nginx.conf',
  nginxRun: '/run/pxeboot/nginx',
  supervisorSocket: '/run/pxeboot/supervisor.sock',
  watcherOut: '/run/pxeboot/watcher',
  dhcpHosts: '/run/pxeboot/watcher/dhcp-hosts',
  dnsHosts: '/run/pxeboot/watcher/dns-hosts',
  publishedState: '/run/pxeboot/watcher/vms.json',
  /** What image-inspector has found. */
  publishedImages: '/run/pxeboot/inspector/images.json',
  dnsmasqPid: '/run/pxeboot/dnsmasq/dnsmasq.pid',
  /** In memory, in what every container has. File and directory are root's, so that user dnsmasq can put no link in its place. */
  dnsmasqLeases: '/dev/shm/pxeboot/dnsmasq.leases',
  leaseCopy: '/run/pxeboot/dnsmasq.leases',
  /** What boot_handler proves its status tokens with; of one container. */
  statusKey: '/run/pxeboot/boot_handler/status.key',
  handlerSocket: '/run/pxeboot/boot_handler/boot_handler.sock',
} as const;
