#include "services/runtime/operations_port.hpp"

#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace hugang::runtime {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Response = http::response<http::string_body>;

constexpr std::size_t kConnectionsMax = 64;
constexpr std::uint32_t kHeaderBytesMax = 8'192;
constexpr std::chrono::seconds kRequestTimeout{10};
constexpr std::chrono::milliseconds kAcceptPause{200};

Response make_response(const http::request<http::empty_body>& request, http::status status,
                       std::string_view type, std::string body) {
  Response response{status, request.version()};
  response.set(http::field::content_type, type);
  response.set(http::field::cache_control, "no-store");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

Response check_response(const http::request<http::empty_body>& request, const HealthCheck& check) {
  const std::string trouble = check();
  if (trouble.empty()) return make_response(request, http::status::ok, "text/plain", "ok\n");
  return make_response(request, http::status::service_unavailable, "text/plain", trouble + "\n");
}

Response answer(const http::request<http::empty_body>& request, const OperationsHooks& hooks) {
  const std::string_view target{request.target().data(), request.target().size()};
  const std::string_view path = target.substr(0, target.find('?'));
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto response =
        make_response(request, http::status::method_not_allowed, "text/plain", "use GET\n");
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  if (path == "/healthz") return check_response(request, hooks.health);
  if (path == "/readyz") return check_response(request, hooks.ready);
  if (path == "/metrics") {
    return make_response(request, http::status::ok, "text/plain; version=0.0.4; charset=utf-8",
                         hooks.metrics());
  }
  if (path == "/version") {
    return make_response(request, http::status::ok, "application/json", hooks.version_json);
  }
  return make_response(request, http::status::not_found, "text/plain",
                       "there are /healthz, /readyz, /metrics and /version\n");
}

/// One connection; keeps itself alive by the handlers that are under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const OperationsHooks& hooks, std::size_t& connections)
      : stream_{std::move(socket)}, hooks_{hooks}, connections_{connections} {
    connections_ += 1;
  }
  ~Session() { connections_ -= 1; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(0);
    stream_.expires_after(kRequestTimeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    response_ = answer(parser_->get(), hooks_);
    if (parser_->get().method() == http::verb::head) response_.body().clear();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (error) return;
                        if (self->response_.keep_alive()) return self->read();
                        beast::error_code ignored;
                        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                      });
  }

  beast::tcp_stream stream_;
  const OperationsHooks& hooks_;
  std::size_t& connections_;
  beast::flat_buffer buffer_{kHeaderBytesMax};
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
};

}  // namespace

class OperationsPort::Impl {
 public:
  explicit Impl(OperationsHooks hooks) : hooks_{std::move(hooks)}, acceptor_{context_} {}
  ~Impl() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Empty, or a sentence.
  std::string listen(const Address& address) {
    beast::error_code error;
    tcp::resolver resolver{context_};
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (!error) {
      const tcp::endpoint endpoint = found.begin()->endpoint();
      acceptor_.open(endpoint.protocol(), error);
      if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
      if (!error) acceptor_.bind(endpoint, error);
      if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return "the operations port cannot listen on " + address.text() + ": " + error.message() +
             "; choose another [operations] listen";
    }
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread{[this] {
      pthread_setname_np(pthread_self(), "hg-operations");
      context_.run();
    }};
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later();
      // Beyond the limit the connection is closed at once.
      if (connections_ < kConnectionsMax) {
        std::make_shared<Session>(std::move(socket), hooks_, connections_)->read();
      }
      accept();
    });
  }

  /// Out of file descriptors, say: trying again at once would only burn the processor.
  void accept_later() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }

  OperationsHooks hooks_;
  std::size_t connections_ = 0;  ///< of the one thread; outlives the context's handlers
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_{context_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::expected<std::unique_ptr<OperationsPort>, std::string> OperationsPort::open(
    const Address& listen, OperationsHooks hooks) {
  auto impl = std::make_unique<Impl>(std::move(hooks));
  if (auto trouble = impl->listen(listen); !trouble.empty()) {
    return std::unexpected{std::move(trouble)};
  }
  return std::unique_ptr<OperationsPort>{new OperationsPort{std::move(impl)}};
}

OperationsPort::OperationsPort(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
OperationsPort::~OperationsPort() = default;
std::uint16_t OperationsPort::port() const { return impl_->port(); }

}  // namespace hugang::runtime
