export { type GenerateOptions, generate, generateFrom } from "./generate.js";
export { type SampleTokenOptions, type SamplingOptions, sampleToken } from "./sample-token.js";
