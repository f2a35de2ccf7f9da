export type { DecoderSession } from "./decoder-session.js";
export { type GenerateOptions, generate, generateFrom } from "./generate.js";
export { type GeneratedSequence, type GenerateTokensOptions, generateTokens, streamTokens } from "./generate-tokens.js";
export { type SampleTokenOptions, sampleToken } from "./sample-token.js";
export type { SamplingOptions } from "./sampling/sampling-options.js";
export type { GenerationOptions, GenerationSettings, TokenIds } from "./settings/generation-options.js";
export { generationSettings } from "./settings/generation-settings.js";
