import { describeConformance } from "../../testing/conformance/index.js";
import { sparseTransformerCases } from "../../testing/mechanisms/sparse-transformer.js";

describeConformance(sparseTransformerCases);
