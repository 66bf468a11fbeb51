#include "ledger/rocks/rocks_journal.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"
#include "ledger/chain.hpp"
#include "ledger/rocks/keys.hpp"

namespace hugang::ledger::rocks {
namespace {

using Code = LedgerError::Code;

std::string entry_name(Seqno seqno) { return "entry " + std::to_string(seqno.value()); }

/// Looks up one entry after the other. Slower than an iterator by a little, but it tells exactly
/// which entry a damaged block or file belongs to, and sees what is appended meanwhile.
class RocksCursor final : public EntryCursor {
 public:
  RocksCursor(const RocksJournal& journal, Seqno from) : journal_{journal} {
    HG_CHECK(!from.is_none());
    place_ = {.seqno = from,
              .node = journal.node(),
              .previous = from == Seqno{1} ? std::optional{Checksum{}} : std::nullopt};
  }

  std::expected<const EntryView*, LedgerError> next() override {
    if (place_.seqno > journal_.last_seqno()) return nullptr;
    value_.Reset();
    if (auto got = journal_.get(place_.seqno, value_); !got) {
      if (got.error().code != Code::kNotFound) return std::unexpected{got.error()};
      return std::unexpected{damaged_entry(place_.seqno, "it is missing, though later ones exist")};
    }
    auto view = check_entry(place_, bytes_of(value_));
    if (!view) return std::unexpected{view.error()};
    view_ = *view;
    place_.seqno = Seqno{place_.seqno.value() + 1};
    place_.previous = view_.head.head_checksum;
    return &view_;
  }

 private:
  const RocksJournal& journal_;
  EntryPlace place_;
  rocksdb::PinnableSlice value_;
  EntryView view_;
};

}  // namespace

RocksJournal::RocksJournal(Opened opened)
    : database_{std::move(opened.database)},
      node_{opened.node},
      report_{std::move(opened.report)},
      end_{opened.end} {}

RocksJournal::~RocksJournal() {
  if (!note_ || has_failed_) return;
  // An older note on the disk is true as well.
  static_cast<void>(note_->sync());
}

void RocksJournal::start_writing(DurableNoteFile note) { note_ = std::move(note); }

LedgerError RocksJournal::read_only_error() const {
  return {.code = Code::kWriteFailed,
          .sentence = "this ledger was opened to read and cannot be written",
          .entry = {}};
}

Seqno RocksJournal::last_seqno() const {
  const std::scoped_lock lock{end_mutex_};
  return end_.seqno;
}

Checksum RocksJournal::last_checksum() const {
  const std::scoped_lock lock{end_mutex_};
  return end_.checksum;
}

std::expected<void, LedgerError> RocksJournal::append(std::span<const ByteSpan> entries) {
  if (!note_) return std::unexpected{read_only_error()};
  HG_CHECK(!entries.empty());
  if (has_failed_) {
    return std::unexpected{LedgerError{
        .code = Code::kWriteFailed,
        .sentence = "an earlier write to the ledger failed, and nothing is written behind it: "
                    "start the node again, it recovers what was durable",
        .entry = {}}};
  }
  auto appended = append_as_one(entries);
  if (!appended) has_failed_ = true;
  return appended;
}

std::expected<void, LedgerError> RocksJournal::append_as_one(std::span<const ByteSpan> entries) {
  JournalEnd end{.seqno = last_seqno(), .checksum = last_checksum()};
  const Seqno first{end.seqno.value() + 1};
  batch_.Clear();
  for (const ByteSpan bytes : entries) {
    const auto head = read_entry_head(bytes);
    HG_CHECK(head.has_value());
    HG_CHECK(head->node == node_);
    HG_CHECK(head->seqno.value() == end.seqno.value() + 1);
    HG_CHECK(head->previous == end.checksum);
    const auto put =
        batch_.Put(database_.journal(), slice(journal_key(head->seqno).view()), slice(bytes));
    if (!put.ok()) return std::unexpected{write_error(entry_name(head->seqno), put, head->seqno)};
    end = {.seqno = head->seqno, .checksum = head->head_checksum};
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto written = database_.db().Write(options, &batch_);
  if (!written.ok()) return std::unexpected{write_error(entry_name(first), written, first)};
  if (auto noted = note_->put(make_note(node_, end.seqno, end.checksum)); !noted) return noted;
  const std::scoped_lock lock{end_mutex_};
  end_ = end;
  return {};
}

std::expected<void, LedgerError> RocksJournal::get(Seqno seqno,
                                                   rocksdb::PinnableSlice& value) const {
  const auto status = database_.db().Get(rocksdb::ReadOptions{}, database_.journal(),
                                         slice(journal_key(seqno).view()), &value);
  if (status.ok()) return {};
  if (status.IsNotFound()) {
    return std::unexpected{LedgerError{
        .code = Code::kNotFound, .sentence = "there is no " + entry_name(seqno), .entry = seqno}};
  }
  return std::unexpected{read_error(entry_name(seqno), status, seqno)};
}

std::expected<base::Bytes, LedgerError> RocksJournal::read(Seqno seqno) const {
  rocksdb::PinnableSlice value;
  if (auto got = get(seqno, value); !got) return std::unexpected{got.error()};
  const ByteSpan bytes = bytes_of(value);
  return base::Bytes{bytes.begin(), bytes.end()};
}

std::unique_ptr<EntryCursor> RocksJournal::read_from(Seqno from) const {
  return std::make_unique<RocksCursor>(*this, from);
}

std::expected<JournalEnd, LedgerError> find_end(const Database& database) {
  const std::unique_ptr<rocksdb::Iterator> it{
      database.db().NewIterator(rocksdb::ReadOptions{}, database.journal())};
  it->SeekToLast();
  if (!it->status().ok()) return std::unexpected{read_error("the last entry", it->status())};
  if (!it->Valid()) return JournalEnd{};
  const auto seqno = parse_journal_key(it->key().ToStringView());
  if (!seqno || seqno->is_none()) {
    return std::unexpected{LedgerError{.code = Code::kDamaged,
                                       .sentence = "the journal holds a key that is no number",
                                       .entry = {}}};
  }
  const auto head = read_entry_head(bytes_of(it->value()));
  return JournalEnd{.seqno = *seqno, .checksum = head ? head->head_checksum : Checksum{}};
}

}  // namespace hugang::ledger::rocks
