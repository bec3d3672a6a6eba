import { testShare } from './test-seeds.ts';

testShare(2);
