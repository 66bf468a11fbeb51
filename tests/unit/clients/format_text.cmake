hugang_add_test(format_text_test unit
  SOURCES format_text_test.cpp
  LIBRARIES hugang::format)
