import { waitingName } from '../../plan/marker.ts';

/** Where the loaders lie in the new system until the last step puts them into the ESP's `EFI/`. */
export const waitingDirectory = `boot/efi/${waitingName}`;
