hugang_add_test(hugang_program_test unit
  SOURCES
    hugang/command_line_test.cpp
    hugang/exit_code_test.cpp
    hugang/pay_test.cpp
    hugang/reports_test.cpp
    hugang/submit_test.cpp
    hugang/table_test.cpp
    hugang/transfers_test.cpp
  LIBRARIES hugang_program)
target_precompile_headers(hugang_program_test PRIVATE
  <CLI/App.hpp>
  <nlohmann/json.hpp>
  <gmock/gmock.h>
  "${CMAKE_CURRENT_SOURCE_DIR}/library/fake_node.hpp")
