export * from './configuration.ts';
export * from './cores.ts';
export * from './load-cores.ts';
export * from './mutant.ts';
export * from './mutants.ts';
export * from './shrink.ts';
export * from './variants.ts';
export * from './world.ts';
