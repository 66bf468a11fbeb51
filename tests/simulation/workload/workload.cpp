#include "tests/simulation/workload/workload.hpp"

#include <algorithm>
#include <string>

#include "clearing/wire/batch.hpp"
#include "clearing/wire/kind_name.hpp"
#include "tests/simulation/laws/answer_law.hpp"
#include "tests/simulation/workload/words.hpp"

namespace hugang::simulation {
namespace {

constexpr VirtualTime kAnswerWait = 3 * kSecond;
constexpr std::uint32_t kHotPermille = 500;

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> list;
    for (const auto family :
         {transfer_operations(), settlement_operations(), register_operations(),
          reserve_operations(), phase_operations(), edge_operations(), edge_settlement_operations(),
          impostor_operations(), adversary_operations()}) {
      list.insert(list.end(), family.begin(), family.end());
    }
    return list;
  }();
  return all;
}

const Operation& draw_operation(Random& random) {
  std::uint64_t sum = 0;
  for (const Operation& operation : operations()) sum += operation.weight;
  std::uint64_t at = random.below(sum);
  for (const Operation& operation : operations()) {
    if (at < operation.weight) return operation;
    at -= operation.weight;
  }
  return operations().back();
}

base::ByteSpan record_of(const node::Submission& submission, std::uint32_t index) {
  const std::size_t bytes = submission.records.size() / submission.count;
  return base::ByteSpan{submission.records}.subspan(index * bytes, bytes);
}

base::CommandId id_of(base::ByteSpan record) {
  return wire::read_record<base::CommandId>(record.first(sizeof(base::CommandId)));
}

}  // namespace

City& Workload::any_city() {
  return *cities_[static_cast<std::size_t>(random().below(cities_.size()))];
}

City* Workload::any_city_up() {
  for (int i = 0; i < 4; ++i) {
    City& drawn = any_city();
    if (drawn.is_up()) return &drawn;
  }
  return nullptr;
}

const KnownAccount* Workload::any_account(base::NodeId of, base::AssetId asset) {
  std::vector<const KnownAccount*> fitting;
  for (const KnownAccount& account : book_.accounts) {
    const bool fits = account.city == of && account.kind == wire::AccountKind::kCustomer &&
                      (asset.is_none() || account.asset == asset);
    if (fits) fitting.push_back(&account);
  }
  if (fitting.empty()) return nullptr;
  if (random().chance(kHotPermille)) return fitting.front();
  return random().pick(fitting);
}

void Workload::begin(const Plan& plan) {
  left_ = plan.operations;
  const auto phases = static_cast<std::uint32_t>(random().between(1, 6));
  for (std::uint32_t phase = 0, issued = 0; phase < phases; ++phase) {
    const std::uint32_t until = plan.operations * (phase + 1) / phases;
    // Now and then a crowd comes at once.
    const std::uint32_t clients = random().chance(200) ? plan.clients * 8 : plan.clients;
    world_.scheduler.after(
        plan.lasts * phase / phases,
        [this, operations = until - issued, clients] { begin_phase(operations, clients); });
    issued = until;
  }
}

void Workload::begin_phase(std::uint32_t operations, std::uint32_t clients) {
  left_in_phase_ += operations;
  static constexpr VirtualTime kThinkMax[] = {0, 5 * kMillisecond, 60 * kMillisecond,
                                              60 * kMillisecond, 500 * kMillisecond};
  think_max_ = kThinkMax[random().below(std::size(kThinkMax))];
  for (std::uint32_t i = 0; i < clients; ++i) {
    world_.scheduler.after(random().between(0, 20 * kMillisecond), [this] { next_of_client(); });
  }
}

void Workload::next_of_client() {
  if (left_in_phase_ == 0) return;
  --left_in_phase_;
  --left_;
  std::optional<Request> request;
  for (int i = 0; i < 8 && !request; ++i) request = draw_operation(random()).make(*this);
  if (!request) {
    world_.scheduler.after(50 * kMillisecond, [this] { next_of_client(); });
    return;
  }
  ++under_way_;
  send(std::make_shared<Request>(*std::move(request)));
}

void Workload::send(std::shared_ptr<Request> request) {
  auto is_over = std::make_shared<bool>(false);
  world_.trace.note(request->city, "is asked by a client for {a} {n}, id ...{b}",
                    request->submission.count, name_of_id(id_of(request->submission.records)),
                    wire::kind_name(request->submission.kind));
  city(request->city)
      .submit(request->submission,
              [this, request, is_over](std::expected<node::Answer, node::SubmitError> answer) {
                if (std::exchange(*is_over, true)) return;
                if (!answer) {
                  world_.scheduler.after(random().between(20, 200) * kMillisecond,
                                         [this, request] { send(request); });
                  return;
                }
                take(*request, std::move(answer->outcomes));
                finish(request);
              });
  world_.scheduler.after(kAnswerWait, [this, request, is_over] {
    if (std::exchange(*is_over, true)) return;
    request->was_lost = true;
    send(request);
  });
}

void Workload::take(Request& request, std::vector<wire::Outcome> outcomes) {
  ++answered_;
  for (const auto& outcome : outcomes) {
    world_.trace.note(request.city, "has answered {n}, value {b}",
                      static_cast<std::uint64_t>(outcome.code), outcome.value,
                      machine::code_name(outcome.code));
  }
  if (request.is_answered || request.is_changed) {
    check_repeated(request, outcomes);
    return;
  }
  request.is_answered = true;
  request.answer = std::move(outcomes);
  if (auto broken = first_broken_by_answer(request)) world_.fail(*std::move(broken));
  record(request);
}

void Workload::check_repeated(const Request& request, const std::vector<wire::Outcome>& outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const wire::Outcome& now = outcomes[i];
    const auto id = id_of(record_of(request.submission, static_cast<std::uint32_t>(i)));
    const std::string name = "command " + std::to_string(name_of_id(id)) + " of node " +
                             std::to_string(request.city.value());
    if (request.is_changed) {
      if (now.code != machine::Code::kIdUsedForOtherContent) {
        world_.fail(name + ": another content under its id was answered " +
                    std::string{machine::code_name(now.code)});
      }
      continue;
    }
    const wire::Outcome& first = request.answer.at(i);
    // An id that another command holds is not remembered a second time: only the code is stable.
    const bool is_foreign = first.code == machine::Code::kIdUsedForOtherContent;
    const bool is_same =
        now.code == first.code && now.value == first.value && (is_foreign || now.at == first.at);
    if (!is_same) {
      world_.fail(name + ": a retry was answered " + std::string{machine::code_name(now.code)} +
                  " " + std::to_string(now.value) + ", the first time " +
                  std::string{machine::code_name(first.code)} + " " + std::to_string(first.value));
    }
  }
}

void Workload::record(const Request& request) {
  for (std::uint32_t i = 0; i < request.submission.count; ++i) {
    const auto bytes = record_of(request.submission, i);
    const wire::Outcome& outcome = request.answer.at(i);
    book_.answered.insert_or_assign({request.city, id_of(bytes)},
                                    Answered{.kind = request.submission.kind,
                                             .caller = request.submission.caller,
                                             .record = {bytes.begin(), bytes.end()},
                                             .outcome = outcome});
    if (outcome.code != machine::Code::kOk) continue;
    if (request.submission.kind == wire::CommandKind::kTransfer) {
      const auto transfer = wire::read_record<wire::Transfer>(bytes);
      if ((transfer.flags & wire::transfer_flag::kHold) != 0) {
        book_.holds.push_back({request.city, transfer.id, request.submission.caller,
                               static_cast<std::int64_t>(outcome.value)});
      }
    }
    if (request.submission.kind == wire::CommandKind::kOpenAccount) {
      const auto opened = wire::read_record<wire::OpenAccount>(bytes);
      book_.accounts.push_back({request.city, base::AccountNumber{outcome.value}, opened.owner,
                                opened.asset, opened.kind});
    }
    if (request.submission.kind == wire::CommandKind::kInstruct) {
      const auto view = wire::decode_instruct(bytes);
      HG_CHECK(view.has_value());
      book_.offers.push_back({view->head.initiator,
                              view->head.responder,
                              view->head.id,
                              request.submission.caller,
                              {view->legs.begin(), view->legs.end()}});
    }
  }
}

std::optional<Request> Workload::changed(const Request& request) {
  if (request.submission.kind != wire::CommandKind::kTransfer || request.submission.count != 1) {
    return std::nullopt;
  }
  Request other = request;
  other.is_changed = true;
  auto transfer = wire::read_record<wire::Transfer>(other.submission.records);
  transfer.amount_minor ^= 1;
  const auto bytes = std::as_bytes(std::span{&transfer, 1});
  other.submission.records.assign(bytes.begin(), bytes.end());
  return other;
}

void Workload::finish(std::shared_ptr<Request> request) {
  const VirtualTime pause = random().between(0, think_max_);
  if (!request->is_changed && random().chance(120)) {
    world_.scheduler.after(pause, [this, request] { send(request); });
    return;
  }
  if (!request->is_changed && random().chance(60)) {
    if (auto other = changed(*request)) {
      send(std::make_shared<Request>(*std::move(other)));
      return;
    }
  }
  --under_way_;
  world_.scheduler.after(pause, [this] { next_of_client(); });
}

base::Timestamp instant_soon(Workload& load, const City& city) {
  const base::Timestamp last = std::max(city.wall_clock(), city.state().last_at);
  return last + base::Duration::nanoseconds(load.random().between(0, 6));
}

Request rules_request(const City& city, const wire::SetRulesHead& head,
                      std::span<const wire::Rule> rules) {
  return {.city = city.id(),
          .submission = {.kind = wire::CommandKind::kSetRules,
                         .caller = base::ParticipantId{1},
                         .count = 1,
                         .records = wire::encode_set_rules(head, rules)}};
}

}  // namespace hugang::simulation
