// What every command works with: the global options, the streams, the node, its assets.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clients/hugang/asset_book.hpp"
#include "clients/hugang/failure.hpp"
#include "clients/hugang/table.hpp"
#include "clients/library/client.hpp"

namespace hugang::program {

struct GlobalOptions {
  std::string node, profile, ca, cert, key, server_name;
  bool json = false;
  std::string timeout = "10s";
  std::string id;
};

/// What lies outside of the program; tests put their own.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  bool out_has_colour = false;
  bool err_is_terminal = false;
  /// Connects by the options; `profile` is another one's name for --other, else empty.
  std::function<client::Result<client::Client>(const GlobalOptions&, const std::string& profile)>
      connect;
  std::function<base::Timestamp()> now;
};

class Context {
 public:
  explicit Context(Surroundings& around) : around_{around} {}

  GlobalOptions options;

  /// The node of the options; connected once.
  [[nodiscard]] Attempt<client::Client> node();
  /// The node of another profile.
  [[nodiscard]] Attempt<client::Client> other(const std::string& profile);
  /// The node's assets; asked once.
  [[nodiscard]] Attempt<AssetBook> assets();

  /// The id of the command that is sent: --id, or a new one. The same all through one run.
  [[nodiscard]] base::CommandId command_id();
  /// The id, if command_id() was asked for.
  [[nodiscard]] std::optional<base::CommandId> used_id() const { return used_id_; }
  /// --timeout. Requires that the options were parsed.
  [[nodiscard]] std::chrono::milliseconds patience() const;
  [[nodiscard]] base::Timestamp now() const { return around_.now(); }

  [[nodiscard]] bool wants_json() const { return options.json; }
  [[nodiscard]] std::ostream& out() const { return around_.out; }
  [[nodiscard]] Style style() const { return {around_.out_has_colour}; }
  void print_json(const Json& document) const;
  /// Tells a person, or a script with --json, why it ends; answers the exit code.
  ExitCode report(const Failure& failure) const;

 private:
  [[nodiscard]] Attempt<client::Client> connect(const std::string& profile) const;

  Surroundings& around_;
  std::optional<client::Client> node_;
  std::optional<AssetBook> assets_;
  std::optional<base::CommandId> used_id_;
};

}  // namespace hugang::program
