import { testLab } from '../../../src/lab.ts';

export const lab = testLab();
