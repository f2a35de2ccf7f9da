export { type CosineOptions, cosine } from "./cosine.js";
export { eluPlusOne, identity, relu, squaredRelu } from "./elementwise.js";
export { favorPlus } from "./favor-plus.js";
export type { FeatureMap, MappedSide } from "./feature-map.js";
export type { RandomFeatureOptions } from "./projection.js";
export { type RandomFourierOptions, randomFourier } from "./random-fourier.js";
