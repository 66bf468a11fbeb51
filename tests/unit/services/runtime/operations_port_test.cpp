#include "services/runtime/operations_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <string_view>

namespace hugang::runtime {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class OperationsPortTest : public ::testing::Test {
 protected:
  OperationsPortTest() {
    auto opened = OperationsPort::open({.host = "127.0.0.1", .port = 0},
                                       {.health = [] { return std::string{}; },
                                        .ready = [] { return std::string{"recovering"}; },
                                        .metrics = [] { return std::string{"hugang_ready 1\n"}; },
                                        .version_json = "{\"version\":\"1\"}\n"});
    EXPECT_TRUE(opened.has_value());
    port_ = std::move(*opened);
  }

  /// What the port sends to these bytes until it closes the connection.
  std::string talk(std::string_view request) {
    asio::io_context context;
    tcp::socket socket{context};
    socket.connect({asio::ip::address_v4::loopback(), port_->port()});
    asio::write(socket, asio::buffer(request.data(), request.size()));
    std::string answer;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }

  std::string get(const std::string& path) {
    return talk("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }

  std::unique_ptr<OperationsPort> port_;
};

TEST_F(OperationsPortTest, AnswersItsFourPaths) {
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get("/readyz"), HasSubstr("recovering"));
  EXPECT_THAT(get("/metrics"), HasSubstr("hugang_ready 1"));
  EXPECT_THAT(get("/metrics?x=1"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(get("/version"), HasSubstr("{\"version\":\"1\"}"));
}

TEST_F(OperationsPortTest, RefusesOtherPathsAndMethods) {
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(talk("DELETE /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 405"));
}

TEST_F(OperationsPortTest, ClosesOnWhatIsNoRequest) {
  EXPECT_EQ(talk("\x16\x03\x01 this is no HTTP\r\n\r\n"), "");
  EXPECT_EQ(talk("POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789"), "");
  EXPECT_EQ(talk("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"), "");
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));  // and lives on
}

TEST_F(OperationsPortTest, AnswersSeveralRequestsOnOneConnection) {
  const auto answer = talk(
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("ok"));
  EXPECT_THAT(answer, HasSubstr("{\"version\":\"1\"}"));
}

TEST_F(OperationsPortTest, SaysWhenTheAddressIsTaken) {
  // A listening socket of another kind of owner: without address reuse between listeners.
  const auto second = OperationsPort::open({.host = "127.0.0.1", .port = port_->port()}, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error(), HasSubstr("choose another [operations] listen"));
}

}  // namespace
}  // namespace hugang::runtime
