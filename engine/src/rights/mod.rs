//! Who may use which tool, resource, prompt and method.
