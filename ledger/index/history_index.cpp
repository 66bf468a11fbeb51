#include "ledger/index/history_index.hpp"

#include <algorithm>
#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::ledger::index {
namespace {

/// Why what is on disk is not of this journal; empty when it is.
std::string mismatch(const IndexHead& head, const Journal& journal) {
  if (head.format != kIndexFormat) return "it has another format";
  if (head.node != journal.node()) return "it belongs to another node";
  if (head.seqno.is_none() || head.seqno > journal.last_seqno()) {
    return "it is ahead of the journal";
  }
  const auto checksum = [&journal](Seqno seqno) -> std::optional<Checksum> {
    const auto bytes = journal.read(seqno);
    if (!bytes) return std::nullopt;
    const auto entry = read_entry_head(*bytes);
    if (!entry) return std::nullopt;
    return entry->head_checksum;
  };
  if (checksum(Seqno{1}) != head.genesis) return "it belongs to another ledger";
  if (checksum(head.seqno) != head.entry_checksum) return "the journal has another history";
  return {};
}

std::expected<Checksum, LedgerError> checksum_of_entry(const Journal& journal, Seqno seqno) {
  const auto bytes = journal.read(seqno);
  if (!bytes) return std::unexpected{bytes.error()};
  const auto head = read_entry_head(*bytes);
  if (!head) {
    return std::unexpected{LedgerError{
        .code = LedgerError::Code::kDamaged,
        .sentence = "entry " + std::to_string(seqno.value()) + " of the journal has no valid head",
        .entry = seqno}};
  }
  return head->head_checksum;
}

}  // namespace

std::expected<HistoryIndex::Opened, LedgerError> HistoryIndex::open(
    const std::filesystem::path& directory, const Journal& journal, IndexSettings settings) {
  Opened opened;
  std::unique_ptr<Tables> tables;
  Tables::Contents contents;
  for (const bool is_last_try : {false, true}) {
    std::string reason;
    auto found = Tables::open(directory, settings.tables);
    auto loaded = found ? (*found)->load() : std::unexpected{found.error()};
    if (loaded) {
      reason = loaded->head ? mismatch(*loaded->head, journal) : std::string{};
      if (reason.empty()) {
        tables = *std::move(found);
        contents = *std::move(loaded);
        break;
      }
    } else {
      const bool is_damaged = loaded.error().code == LedgerError::Code::kDamaged;
      if (is_last_try || !is_damaged) return std::unexpected{loaded.error()};
      reason = loaded.error().sentence;
    }
    opened.sentences.push_back("the account index in " + directory.string() +
                               " is made again: " + reason);
    found = std::unexpected{LedgerError{}};  // closes it
    Tables::remove(directory);
  }
  HG_CHECK(tables != nullptr);
  opened.index = std::unique_ptr<HistoryIndex>{
      new HistoryIndex{journal, settings, std::move(tables), std::move(contents)}};
  return opened;
}

HistoryIndex::HistoryIndex(const Journal& journal, IndexSettings settings,
                           std::unique_ptr<Tables> tables, Tables::Contents contents)
    : journal_{journal},
      settings_{settings},
      tables_{std::move(tables)},
      pool_{std::make_shared<MovementBuffer::Pool>()},
      open_{std::move(contents.open)},
      walk_{open_, position_},
      tail_{std::make_shared<MovementBuffer>(pool_)},
      visible_tail_{tail_},
      marks_{std::move(contents.marks)} {
  if (contents.head) head_ = *contents.head;
  head_.node = journal.node();
  position_ = {.order = head_.order, .lead_ns = head_.lead_ns, .lead_max = head_.lead_max};
  lead_max_ = position_.lead_max;
  seqno_ = head_.seqno.value();
  Runs runs;
  for (Run& run : contents.runs) runs.push_back(std::make_shared<const Run>(std::move(run)));
  runs_ = std::make_shared<const Runs>(std::move(runs));
}

// ---- Feeding ------------------------------------------------------------------------------------

bool HistoryIndex::add(const EntryParts& entry) {
  HG_CHECK(entry.seqno.value() == seqno_.load(std::memory_order_relaxed) + 1);
  const std::uint32_t before = tail_->rows_added();
  if (!walk_.walk(entry, *tail_)) return false;
  lead_max_.store(position_.lead_max, std::memory_order_relaxed);
  head_.seqno = entry.seqno;
  tail_->publish();

  const bool is_mark = bytes_since_mark_ >= kMarkBytes;
  bytes_since_mark_ = (is_mark ? 0 : bytes_since_mark_) + entry.commands.size() +
                      entry.outcomes.size() + entry.events.size();
  const std::uint32_t chunks = tail_->full_chunks();
  const bool is_chunk_full = chunks != before >> kChunkBits;
  const bool is_full = tail_->rows_added() >= settings_.run_rows;
  if (is_mark || is_chunk_full || is_full) {
    std::unique_lock lock{mutex_};
    if (is_mark) {
      marks_.push_back({entry.seqno, entry.at});
      tail_marks_.push_back({entry.seqno, entry.at});
    }
    chunks_offered_ = chunks;
    if (tail_->rows_added() / 2 >= settings_.run_rows) {
      work_is_done_.wait(lock, [this] { return !is_writing_ || !may_wait_; });
    }
    if (is_full && !is_writing_) seal();
    if (is_chunk_full || is_full) work_comes_.notify_one();
  }
  seqno_.store(entry.seqno.value(), std::memory_order_release);
  return true;
}

/// Under mutex_. The tail becomes a run under way; a new one begins.
void HistoryIndex::seal() {
  head_.order = position_.order;
  head_.lead_ns = position_.lead_ns;
  head_.lead_max = position_.lead_max;
  sealed_ = Sealed{.buffer = tail_,
                   .head = head_,
                   .marks = std::exchange(tail_marks_, {}),
                   .open = open_.take_changes()};
  is_writing_ = true;
  tail_ = std::make_shared<MovementBuffer>(pool_);
  visible_sealed_ = std::exchange(visible_tail_, tail_);
  chunks_offered_ = 0;
}

// ---- Working ------------------------------------------------------------------------------------

std::expected<bool, LedgerError> HistoryIndex::work() {
  std::optional<Sealed> sealed;
  std::shared_ptr<const MovementBuffer> tail;
  std::uint32_t chunks = 0;
  {
    const std::lock_guard lock{mutex_};
    if (sealed_) {
      sealed = std::exchange(sealed_, std::nullopt);
    } else {
      tail = visible_tail_;
      chunks = chunks_offered_;
    }
  }
  if (sealed) {
    if (auto written = write_run(*std::move(sealed)); !written) {
      return std::unexpected{written.error()};
    }
    return true;
  }
  if (sorting_ != tail) {
    sorting_ = tail;
    chunks_sorted_ = 0;
  }
  if (chunks_sorted_ >= chunks) return false;
  tail->sort_chunk(chunks_sorted_++, scratch_);
  return true;
}

HistoryIndex::Wait HistoryIndex::wait_for_work() {
  std::unique_lock lock{mutex_};
  const auto has_work = [this] {
    return sealed_ || chunks_offered_ > (sorting_ == visible_tail_ ? chunks_sorted_ : 0);
  };
  work_comes_.wait(lock, [&] { return has_work() || !may_wait_; });
  return may_wait_ || has_work() ? Wait::kWork : Wait::kStopped;
}

void HistoryIndex::stop_waiting() {
  {
    const std::lock_guard lock{mutex_};
    may_wait_ = false;
  }
  work_comes_.notify_all();
  work_is_done_.notify_all();
}

bool HistoryIndex::write_postings(const MovementBuffer& buffer, Tables::Writer& writer, Run& run) {
  buffer.sorted_places(keys_, scratch_);
  std::vector<std::uint32_t> accounts;
  BlockBuilder blocks{
      [&writer](BlockStart start, base::ByteSpan block) { return writer.add(start, block); }};
  constexpr std::size_t kAhead = 24;  // hides a memory access
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (i + kAhead < keys_.size()) {
      const std::uint32_t ahead = place_of(keys_[i + kAhead]);
      buffer.prefetch(ahead >> 1, static_cast<Side>(ahead & 1));
    }
    const AccountIndex account{account_of(keys_[i])};
    if (accounts.empty() || accounts.back() != account.value()) accounts.push_back(account.value());
    const std::uint32_t place = place_of(keys_[i]);
    const auto side = static_cast<Side>(place & 1);
    if (!blocks.add(account, buffer.movement(place >> 1, side, account), side)) return false;
  }
  run.postings = keys_.size();
  run.presence = Presence{accounts};
  return blocks.finish();
}

std::expected<void, LedgerError> HistoryIndex::write_run(Sealed sealed) {
  const MovementBuffer& buffer = *sealed.buffer;
  NewRun run;
  {
    const std::lock_guard lock{mutex_};
    run.run.number = static_cast<std::uint32_t>(runs_->size());
  }
  auto genesis = checksum_of_entry(journal_, Seqno{1});
  if (!genesis) return std::unexpected{genesis.error()};
  auto entry = checksum_of_entry(journal_, sealed.head.seqno);
  if (!entry) return std::unexpected{entry.error()};
  auto writer = tables_->begin(run.run.number);
  if (!writer) return std::unexpected{writer.error()};
  const bool is_written = write_postings(buffer, **writer, run.run);
  run.run.first_order = buffer.row(0).order;
  run.run.last_order = sealed.head.order;
  run.marks = std::move(sealed.marks);
  run.open = std::move(sealed.open);
  run.head = sealed.head;
  run.head.genesis = *genesis;
  run.head.entry_checksum = *entry;
  run.head.run_count = run.run.number + 1;
  // A block that could not be written is told by finish().
  auto finished = tables_->finish(*std::move(writer), run);
  if (!finished) return std::unexpected{finished.error()};
  HG_CHECK(is_written);
  sorting_.reset();

  const std::lock_guard lock{mutex_};
  Runs runs = *runs_;
  runs.push_back(std::make_shared<const Run>(std::move(run.run)));
  runs_ = std::make_shared<const Runs>(std::move(runs));
  visible_sealed_.reset();
  is_writing_ = false;
  work_is_done_.notify_all();
  return {};
}

// ---- Reading ------------------------------------------------------------------------------------

HistoryIndex::View HistoryIndex::view() const {
  const std::lock_guard lock{mutex_};
  return {.runs = runs_, .sealed = visible_sealed_, .tail = visible_tail_};
}

std::expected<std::vector<Posting>, LedgerError> HistoryIndex::read(const View& view,
                                                                    AccountIndex account,
                                                                    std::int64_t from,
                                                                    std::int64_t below,
                                                                    std::size_t limit) const {
  std::vector<Posting> found;
  view.tail->read(account, below, limit, found);
  if (view.sealed) view.sealed->read(account, below, limit, found);
  const Runs& runs = *view.runs;
  for (std::size_t i = runs.size(); i-- > 0 && found.size() < limit;) {
    const Run& run = *runs[i];
    if (run.last_order < from) break;
    if (run.first_order >= below || !run.presence.may_hold(account)) continue;
    const auto done = tables_->read(run.number, account, below, limit, found);
    if (!done) return std::unexpected{done.error()};
  }
  return found;
}

std::expected<Page, LedgerError> HistoryIndex::page(const PageQuestion& question) const {
  HG_CHECK(question.limit > 0);
  Page page;
  page.seqno = seqno();
  const View now = view();
  std::int64_t below = question.before == 0 ? INT64_MAX : question.before;
  // An order is never below its instant, and at most lead_max ahead of it.
  if (!question.to.is_none()) {
    const std::int64_t lead = lead_max_.load(std::memory_order_relaxed);
    const std::int64_t to = question.to.ns();
    below = std::min(below, to > INT64_MAX - lead ? INT64_MAX : to + lead);
  }
  const std::size_t wanted = std::size_t{question.limit} + 1;
  for (;;) {
    const std::size_t asked = wanted - page.postings.size();
    const auto found = read(now, question.account, question.from.ns(), below, asked);
    if (!found) return std::unexpected{found.error()};
    bool is_over = found->empty();
    for (const Posting& posting : *found) {
      below = posting.order;
      if (!question.to.is_none() && posting.at >= question.to) continue;
      is_over = posting.at < question.from;
      if (is_over) break;
      page.postings.push_back(posting);
    }
    if (is_over || found->size() < asked || page.postings.size() >= wanted) break;
  }
  page.has_more = page.postings.size() == wanted;
  if (page.has_more) page.postings.pop_back();
  return page;
}

HistoryIndex::Stretch HistoryIndex::stretch_around(Timestamp at) const {
  const Seqno last = seqno();
  const std::lock_guard lock{mutex_};
  const auto behind = std::ranges::upper_bound(marks_, at, {}, &Mark::at);
  return {.from = behind == marks_.begin() ? Seqno{1} : std::prev(behind)->seqno,
          .until = behind == marks_.end() ? last : behind->seqno};
}

IndexStatus HistoryIndex::status() const {
  const View now = view();
  IndexStatus status;
  status.seqno = seqno();
  status.runs = now.runs->size();
  status.rows_in_memory = now.tail->rows() + (now.sealed ? now.sealed->rows() : 0);
  for (const auto& run : *now.runs) {
    status.movements_in_runs += run->postings / 2;
    status.bytes_on_disk += run->bytes;
  }
  return status;
}

}  // namespace hugang::ledger::index
