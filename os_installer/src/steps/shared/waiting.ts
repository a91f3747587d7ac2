import { waitingName } from '../../plan/marker.ts';

/** Where the ESP is mounted in the new system. */
export const espDirectory = 'boot/efi';

/** Where the loaders lie in the new system until the last step puts them into the ESP's `EFI/`. */
export const waitingDirectory = `${espDirectory}/${waitingName}`;

/** Where the new system keeps what its image has at the ESP's place, until the boot loader is installed. */
export const imageEspDirectory = 'boot/efi-of-the-image';
