export { classificationLoss, type ProblemType } from "./classification-loss.js";
export { spanLoss } from "./span-loss.js";
export { causalLanguageLoss, tokenLoss } from "./token-loss.js";
