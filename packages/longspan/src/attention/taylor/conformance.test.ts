import { describeConformance } from "../../testing/conformance/index.js";
import { taylorCases } from "../../testing/mechanisms/taylor.js";

describeConformance(taylorCases);
