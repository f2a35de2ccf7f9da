import { describeConformance } from "../../testing/conformance/index.js";
import { patternedCases } from "../../testing/mechanisms/patterned.js";

describeConformance(patternedCases);
