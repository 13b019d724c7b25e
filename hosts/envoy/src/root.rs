//! What the proxy calls for a filter as a whole.

use std::rc::Rc;

use exchequer::config::Problem;
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType, LogLevel};

use crate::plugin::Plugin;
use crate::stream::Stream;
use crate::{configuration, proxy};

pub(crate) struct Root {
    id: u32,
    /// `None` until it is configured; the proxy sends no request before.
    plugin: Option<Rc<Plugin>>,
}

impl Root {
    pub(crate) fn new(id: u32) -> Self {
        Self { id, plugin: None }
    }
}

impl Context for Root {
    fn on_http_call_response(&mut self, token: u32, fields: usize, length: usize, _: usize) {
        if let Some(plugin) = &self.plugin {
            plugin.answered(token, fields, length);
        }
    }
}

impl RootContext for Root {
    /// Refuses a configuration in which something is wrong: the proxy then does
    /// not start, or goes on with the one it has.
    fn on_configure(&mut self, length: usize) -> bool {
        let text = hostcalls::get_buffer(BufferType::PluginConfiguration, 0, length);
        match configuration::read(&text.ok().flatten().unwrap_or_default()) {
            Ok(filter) => {
                self.plugin = Some(Rc::new(Plugin::new(self.id, filter)));
                true
            }
            Err(problems) => {
                let say = |problem: &Problem| {
                    proxy::log(LogLevel::Error, &format!("configuration: {problem}"));
                };
                problems.0.iter().for_each(say);
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Some(plugin) = &self.plugin {
            plugin.tick();
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::new(id, Rc::clone(self.plugin.as_ref()?))))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
