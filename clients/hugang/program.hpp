// The whole program, without the process around it.
#pragma once

#include <string>
#include <vector>

#include "clients/hugang/context.hpp"

namespace hugang::program {

/// Parses, does, tells. `arguments` without the program's name. Answers the process's exit code.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Surroundings& around);

/// From --node and its companions, or from the profile file.
[[nodiscard]] client::Result<client::Client> connect(const GlobalOptions& options,
                                                     const std::string& profile);

}  // namespace hugang::program
