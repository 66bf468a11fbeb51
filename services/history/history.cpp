#include "services/history/history.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include "clearing/base/check.hpp"
#include "ledger/index/journal_search.hpp"

namespace hugang::history {
namespace {

using ledger::LedgerError;

/// So far behind, the rest is taken while entries wait: a few milliseconds.
constexpr std::uint64_t kLastStretch = 8;
/// Before the threads that answer customers, this one gives way.
constexpr int kNice = 10;

void name_this_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

LedgerError strange(base::Seqno seqno) {
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "the account index cannot make sense of entry " +
                      std::to_string(seqno.value()) +
                      ": look at it with hugang-audit dump, and report it",
          .entry = seqno};
}

bool is_damage(const LedgerError& error) { return error.code == LedgerError::Code::kDamaged; }

}  // namespace

History::History(HistoryOptions options, const ledger::Journal& journal, Tell tell)
    : options_{std::move(options)},
      journal_{journal},
      tell_{std::move(tell)},
      durable_{journal.last_seqno()} {
  HG_CHECK(tell_ != nullptr);
  HG_CHECK(options_.questions_max > 0);
}

History::~History() { stop(); }

void History::start() {
  HG_CHECK(!index_thread_.joinable());
  index_thread_ = std::thread{[this] { run_index(); }};
  question_thread_ = std::thread{[this] { run_questions(); }};
}

void History::stop() {
  std::deque<Question> refused;
  {
    const std::lock_guard lock{mutex_};
    phase_ = Phase::kStopping;
    if (index_) index_->stop_waiting();
    refused.swap(questions_);
  }
  changed_.notify_all();
  for (Question& question : refused) question(nullptr, HistoryError::kStopping);
  if (index_thread_.joinable()) index_thread_.join();
  if (question_thread_.joinable()) question_thread_.join();
}

std::shared_ptr<History::Index> History::index() const {
  const std::lock_guard lock{mutex_};
  return index_;
}

// ---- Entries ------------------------------------------------------------------------------------

void History::on_durable(const node::DurableEntry& entry) {
  const std::lock_guard lock{feed_};
  durable_ = entry.seqno;
  if (phase_ != Phase::kLive) return;  // It is read from the journal later.
  const bool is_added = index()->add({.seqno = entry.seqno,
                                      .at = entry.at,
                                      .commands = entry.commands,
                                      .outcomes = std::as_bytes(entry.outcomes),
                                      .events = entry.events});
  if (!is_added) fail(strange(entry.seqno));
}

void History::run_index() {
  name_this_thread("hg-index");
  // Per thread on Linux. Without it the index only takes its share of the processor.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
  while (open_index() && catch_up() && keep()) {
    if (!discard_index()) return;
  }
}

/// Entries go nowhere while it is made again; questions are told so.
bool History::discard_index() {
  {
    const std::lock_guard feed{feed_};
    const std::lock_guard lock{mutex_};
    if (phase_ == Phase::kStopping) return false;
    phase_ = Phase::kCatchingUp;
    index_.reset();
    is_damaged_ = false;
  }
  // Whoever is asking the damaged one lets go of it before it is deleted on disk.
  const std::lock_guard answering{answering_};
  Index::remove(options_.directory);
  return true;
}

bool History::open_index() {
  auto opened = Index::open(options_.directory, journal_, options_.index);
  if (!opened) {
    fail(opened.error());
    return false;
  }
  for (const std::string& sentence : opened->sentences) tell_(sentence, false);
  const std::lock_guard lock{mutex_};
  if (phase_ == Phase::kStopping) return false;
  index_ = std::move(opened->index);
  return true;
}

bool History::add_from_journal(const ledger::EntryView& entry) {
  const bool is_added = index_->add({.seqno = entry.head.seqno,
                                     .at = entry.head.at,
                                     .commands = entry.commands,
                                     .outcomes = entry.outcomes,
                                     .events = entry.events});
  if (!is_added) {
    fail(strange(entry.head.seqno));
    return false;
  }
  for (;;) {
    const auto worked = index_->work();
    if (!worked) {
      fail(worked.error());
      return false;
    }
    if (!*worked) return phase_ != Phase::kStopping;
  }
}

/// Adds entries up to that one. What the journal has behind it was not released yet: it will come.
bool History::catch_up_to(base::Seqno until) {
  const auto cursor = journal_.read_from(base::Seqno{index_->seqno().value() + 1});
  while (index_->seqno() < until) {
    const auto entry = cursor->next();
    if (!entry) {
      fail(entry.error());
      return false;
    }
    HG_CHECK(*entry != nullptr);
    if (!add_from_journal(**entry)) return false;
  }
  return true;
}

bool History::catch_up() {
  const base::Seqno from = index_->seqno();
  for (;;) {
    std::unique_lock feed{feed_};
    const base::Seqno until = durable_;
    if (until.value() - index_->seqno().value() > kLastStretch) {
      feed.unlock();
      if (!catch_up_to(until)) return false;
      continue;
    }
    if (!catch_up_to(until)) return false;
    const std::lock_guard lock{mutex_};
    if (phase_ == Phase::kStopping) return false;
    phase_ = Phase::kLive;
    break;
  }
  tell_("the account index is complete: caught up from entry " + std::to_string(from.value()) +
            " to " + std::to_string(index_->seqno().value()),
        false);
  return true;
}

bool History::keep() {
  while (phase_ == Phase::kLive) {
    if (is_damaged_) return true;
    const auto worked = index_->work();
    if (!worked) {
      fail(worked.error());
      return false;
    }
    if (!*worked) static_cast<void>(index_->wait_for_work());
  }
  return false;
}

void History::fail(const LedgerError& error) {
  tell_(error.sentence + ". Histories of accounts are not answered until the next start", true);
  {
    const std::lock_guard lock{mutex_};
    if (phase_ != Phase::kStopping) phase_ = Phase::kFailed;
    // Nobody may wait for a thread that has ended.
    if (index_) index_->stop_waiting();
  }
  changed_.notify_all();
}

// ---- Questions ----------------------------------------------------------------------------------

void History::note_damage(const LedgerError& error) {
  if (is_damaged_.exchange(true)) return;
  tell_(error.sentence, true);
  if (const auto damaged = index()) damaged->stop_waiting();
}

void History::ask(Question question) {
  questions_total_.fetch_add(1, std::memory_order_relaxed);
  HistoryError refusal = HistoryError::kStopping;
  {
    const std::lock_guard lock{mutex_};
    if (phase_ != Phase::kStopping) {
      refusal = HistoryError::kOverloaded;
      if (questions_.size() < options_.questions_max) {
        questions_.push_back(std::move(question));
        changed_.notify_one();
        return;
      }
    }
  }
  question(nullptr, refusal);
}

void History::run_questions() {
  name_this_thread("hg-history");
  for (;;) {
    Question question;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return !questions_.empty() || phase_ == Phase::kStopping; });
      if (phase_ == Phase::kStopping) return;
      question = std::move(questions_.front());
      questions_.pop_front();
    }
    const std::lock_guard answering{answering_};
    const Phase phase = phase_;
    const auto index = phase == Phase::kLive ? this->index() : nullptr;
    question(index.get(),
             phase == Phase::kFailed ? HistoryError::kFailed : HistoryError::kBuilding);
  }
}

void History::page(PageQuestion question, TakePage take) {
  ask([this, question, take = std::move(take)](const Index* index, HistoryError refusal) mutable {
    if (index == nullptr) return take(std::unexpected{refusal});
    auto found = index->page({.account = question.account,
                              .from = question.from,
                              .to = question.to,
                              .before = question.before,
                              .limit = question.limit});
    if (!found) {
      if (is_damage(found.error())) {
        note_damage(found.error());
        return take(std::unexpected{HistoryError::kBuilding});
      }
      tell_(found.error().sentence, true);
      return take(std::unexpected{HistoryError::kFailed});
    }
    take(Page{.postings = std::move(found->postings),
              .has_more = found->has_more,
              .seqno = found->seqno});
  });
}

/// The index makes it quick; without one the journal alone is enough.
void History::find_transfer(base::Timestamp at, TakeTransfer take) {
  ask([this, at, take = std::move(take)](const Index* index, HistoryError refusal) mutable {
    if (refusal == HistoryError::kStopping || refusal == HistoryError::kOverloaded) {
      return take(std::unexpected{refusal});
    }
    const auto [from, until] = index != nullptr
                                   ? index->stretch_around(at)
                                   : Index::Stretch{base::Seqno{1}, journal_.last_seqno()};
    const auto found = ledger::index::find_transfer(journal_, at, from, until);
    if (!found) {
      tell_(found.error().sentence, true);
      return take(std::unexpected{HistoryError::kFailed});
    }
    if (!*found) return take(std::nullopt);
    take(JournaledTransfer{.seqno = (*found)->seqno,
                           .index = (*found)->index,
                           .caller = (*found)->caller,
                           .record = (*found)->record,
                           .outcome = (*found)->outcome});
  });
}

HistoryStatus History::status() const {
  HistoryStatus status;
  const Phase phase = phase_;
  status.is_live = phase == Phase::kLive;
  status.has_failed = phase == Phase::kFailed;
  status.questions_total = questions_total_.load(std::memory_order_relaxed);
  std::shared_ptr<Index> index;
  {
    const std::lock_guard lock{mutex_};
    index = index_;
    status.questions_waiting = static_cast<std::uint32_t>(questions_.size());
  }
  if (index) {
    status.index = index->status();
    status.seqno = status.index.seqno;
  }
  return status;
}

}  // namespace hugang::history
