//! What the actions about the plan of a run do.

use std::sync::Arc;
use std::time::Duration;

use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::action::PlanAction;
use crate::gui::model::dialog::Dialog;
use crate::gui::model::plan::PlanView;
use crate::gui::tasks::plan_view::PlanTask;
use crate::gui::tasks::run::Work;

impl Dispatcher<'_> {
    pub(super) fn use_plan(&mut self, action: PlanAction) {
        match action {
            PlanAction::Open => {
                let view = PlanView::coming(self.state.pictures.len());
                self.tasks.plan = Some(PlanTask::start(self.ctx, self.state.plan_request(), &view));
                self.state.plan = Some(view);
                self.state.dialog = Some(Dialog::Plan);
            }
            PlanAction::Filter(filter) => {
                if let Some(view) = &mut self.state.plan {
                    view.filter = filter;
                }
            }
            PlanAction::Start => {
                let ready = self.state.plan.as_ref().and_then(|view| view.ready.as_ref());
                let plan = ready.map(|ready| Arc::clone(&ready.plan));
                self.state.dialog = None;
                if let Some(plan) = plan {
                    self.start(Work::Planned(plan), self.state.next_places());
                }
            }
        }
    }

    pub(super) fn poll_plan(&mut self) {
        if self.state.dialog != Some(Dialog::Plan) {
            self.state.plan = None;
            self.tasks.plan = None;
            return;
        }
        let (Some(view), Some(task)) = (&mut self.state.plan, &mut self.tasks.plan) else { return };
        if task.update(self.ctx, view) {
            // The number of headers that have been read is shown.
            self.ctx.request_repaint_after(Duration::from_millis(250));
        }
    }
}
