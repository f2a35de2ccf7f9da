import { describeConformance } from "../../testing/conformance/index.js";
import { starCases } from "../../testing/mechanisms/star-transformer.js";

describeConformance(starCases);
