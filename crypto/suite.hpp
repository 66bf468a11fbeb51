// The signature suites under their name in this folder. They are declared with the envelope's
// layout, because the pure core reads envelopes and may not depend on crypto/.
#pragma once

#include "clearing/wire/suite.hpp"

namespace hugang::crypto {

using wire::Suite;
using wire::suite_from_number;
using wire::suite_from_text;
using wire::to_text;

}  // namespace hugang::crypto
