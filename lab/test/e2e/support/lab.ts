import { thisLab } from '../../../src/lab.ts';

/** The lab of all end-to-end tests; they follow one another. They have been run on x86_64 only. */
export const lab = thisLab('x86_64', 'pxeboot-e2e');
