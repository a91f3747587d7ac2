/** The lab's DNS domain; pvmlab's users type it. */
export const domain = 'pvmlab.local';
