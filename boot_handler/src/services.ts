import type { AddressConflict } from '@pxeboot/config/contract/address-conflicts';
import type { ImageStore } from '@pxeboot/config/definitions/read/image-files';
import type { PublishedImagesReader } from '@pxeboot/config/definitions/read/published-images-file';
import type { Log } from '@pxeboot/config/host/log';

import type { Access } from './access/access.ts';
import type { StatusStore } from './status/status-store.ts';
import type { Templates } from './templates.ts';
import type { Linter } from './vms/linter.ts';
import type { VmStore } from './vms/vm-store.ts';

/** What the routes need; built once in main. */
export interface Services {
  access: Access;
  vms: VmStore;
  images: ImageStore;
  /** What image-inspector has found in them. */
  inspected: PublishedImagesReader;
  statuses: StatusStore;
  templates: Templates;
  lint: Linter;
  /** The addresses that answer with another MAC. */
  conflicts(): Promise<readonly AddressConflict[]>;
  log: Log;
  imagesDir: string;
  /** Directory of the VM definitions, where `<name>.noreboot` and `<name>.reinstall` are looked for. */
  vmsDir: string;
}
