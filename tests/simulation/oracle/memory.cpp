#include "tests/simulation/oracle/desk.hpp"

namespace hugang::oracle {
namespace {

std::string text_of(ByteSpan record) { return std::string{base::as_text(record)}; }

Id id_of(ByteSpan record) {
  return wire::read_record<base::CommandId>(record.first(sizeof(Id))).value();
}

}  // namespace

bool is_reserved(Id id) { return id == 0 || id == ~Id{0}; }

std::optional<Answer> earlier_answer(const Book& book, CommandKind kind, PersonNo caller,
                                     ByteSpan record) {
  const Id id = id_of(record);
  if (is_reserved(id)) return refuse(Code::kIdReserved);
  const auto found = book.memory.find(id);
  if (found == book.memory.end()) return std::nullopt;
  const Remembered& before = found->second;
  if (before.kind != kind || before.caller != caller || before.content != text_of(record)) {
    return refuse(Code::kIdUsedForOtherContent);
  }
  Answer answer = before.answer;
  answer.is_repeated = true;
  return answer;
}

Answer remember(Book& book, CommandKind kind, PersonNo caller, ByteSpan record, Answer answer,
                Time now) {
  answer.at = now;
  book.memory[id_of(record)] = {kind, caller, text_of(record), answer};
  return answer;
}

}  // namespace hugang::oracle
