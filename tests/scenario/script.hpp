// Runs a scenario table: one command or question a line, in the words of docs/REJECTIONS.md and of
// people in a bank. tests/scenario/README.md shows the language.
#pragma once

#include <deque>
#include <filesystem>
#include <istream>
#include <map>
#include <optional>
#include <string>

#include "tests/scenario/city.hpp"
#include "tests/scenario/words.hpp"

namespace hugang::scenario {

class Script {
 public:
  /// Runs all lines; a wrong answer fails the test with file and line, and the script goes on.
  void run(const std::filesystem::path& path);

  /// The same for lines in a test's own text; may be called again to go on.
  void run_text(const std::string& text);

  /// The city of that name, as the lines so far have left it. Throws where there is none.
  City& city(const std::string& name);

  /// What a name of the script stands for.
  base::CommandId id(const std::string& name);
  base::AccountNumber number_of(const std::string& name) { return account(name).number; }

 private:
  struct AssetName {
    base::AssetId id;
    unsigned scale = 0;
  };
  struct Actor {
    City* city = nullptr;
    base::ParticipantId caller;
  };
  struct AccountName {
    City* city = nullptr;
    base::AccountNumber number;
    std::string asset;
  };
  struct Direction {
    City* from = nullptr;
    City* to = nullptr;
  };
  /// A key that a city signs with, and its number in fixed_key.
  struct SigningKey {
    crypto::PrivateKey key;
    wire::KeyRecord record;
  };

  // script.cpp: the loop and the names.
  void run_line(const Line& line);
  bool run_setup(Words& words, const std::string& expected);
  void run_lines(std::istream& lines, const std::string& title);
  Actor actor(const std::string& name);
  base::CommandId fresh_id() { return base::CommandId{0xF0000000U + ++fresh_ids_}; }
  AccountName account(const std::string& name);
  AssetName asset(const std::string& code);
  std::string name_of(base::CommandId id) const;
  std::string name_of(base::NodeId node) const;

  // What is told about the last entry of a city.
  void answer(City& city, const std::string& expected);
  std::string outcome_text(City& city, std::size_t index) const;
  void submit(const Actor& actor, wire::CommandKind kind, base::ByteSpan record,
              const std::string& expected);
  template <wire::IsRecord Record>
  void submit(const Actor& actor, wire::CommandKind kind, const Record& record,
              const std::string& expected) {
    submit(actor, kind, std::as_bytes(std::span{&record, 1}), expected);
  }

  // script_setup.cpp
  void found_city(Words& words);
  void introduce_peers(Words& words, const std::string& expected);
  void register_asset(Words& words, const std::string& expected);
  void register_participant(Words& words, const std::string& expected);
  void open_account(Words& words, wire::AccountKind kind, const std::string& expected);
  void open_corridors(Words& words, const std::string& expected);
  void open_one(const Actor& actor, const std::string& name, const wire::OpenAccount& command,
                const std::string& asset_code, const std::string& expected);
  bool run_register(const Actor& actor, const std::string& verb, Words& words,
                    const std::string& expected);
  void update_account(const Actor& actor, const std::string& verb, Words& words,
                      const std::string& expected);
  void set_rules(const Actor& actor, Words& words, const std::string& expected);
  void rotate_key(const Actor& actor, Words& words, const std::string& expected);

  // script_money.cpp
  bool run_money(const Actor& actor, const std::string& verb, Words& words,
                 const std::string& expected);
  wire::Transfer parse_transfer(Words& words);
  void end_batch(Words& words);
  base::Bytes parse_instruct(const std::string& verb, Words& words);
  wire::Leg parse_leg(Words& words, wire::Direction direction);

  // script_channel.cpp
  bool run_channel(const std::string& verb, Words& words, const std::string& expected);
  Direction parse_direction(Words& words);
  void forge(Words& words);
  void deliver(Words& words, const std::string& expected);
  base::Bytes parse_payload(const Direction& way, Words& words);
  void acknowledge(Words& words, const std::string& expected);

  // script_questions.cpp
  bool run_question(const std::string& verb, Words& words, const std::string& expected);
  void ask_balance(Words& words, const std::string& expected);
  void ask_settlement(Words& words, const std::string& expected, const std::string& what);
  void ask_reconciliation(Words& words, const std::string& expected);
  void ask_direction(Words& words, const std::string& expected);
  void ask_told(Words& words);
  std::vector<std::string> events_of(const City& city) const;

  std::deque<City> cities_;
  std::map<std::string, AssetName> assets_;
  std::map<std::string, Actor> participants_;
  std::map<std::string, AccountName> accounts_;
  std::map<std::string, base::CommandId> ids_;
  std::map<std::string, std::vector<SigningKey>> keys_;
  std::map<std::string, base::Bytes> forged_;
  base::Timestamp now_ = kBegin;
  std::uint64_t fresh_ids_ = 0;
  City* last_ = nullptr;  ///< the city of the last command

  /// Between `batch` and `end`: transfers of one caller that are applied as one group.
  struct Batch {
    std::optional<Actor> actor;
    std::vector<wire::Transfer> transfers;
    std::vector<std::string> expected;
  };
  std::optional<Batch> batch_;
};

}  // namespace hugang::scenario
